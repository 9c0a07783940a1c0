import type { Server } from "@grpc/grpc-js";
import { ReflectionService } from "@grpc/reflection";
import { service as health } from "grpc-health-check";
import { fileDescriptors } from "./gen/descriptors.js";

/**
 * Adds the reflection service (v1 and v1alpha), so that clients such as grpcurl can list and call everything without the proto files.
 * The descriptors are part of the build; nothing is read from disk.
 */
export function addReflection(server: Server): void {
  new ReflectionService({
    stride: {
      format: "Protocol Buffer 3 DescriptorProto",
      type: {},
      fileDescriptorProtos: fileDescriptors.map((base64) => Buffer.from(base64, "base64")),
    },
    ...Object.fromEntries(Object.entries(health).map(([name, { requestType }]) => [`health.${name}`, requestType])),
  }).addToServer(server);
}
