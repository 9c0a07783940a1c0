import { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";
import { Client, credentials, Metadata, type MethodDefinition, type ServiceError, status } from "@grpc/grpc-js";
import { service as health } from "grpc-health-check";
import { describe, expect, it } from "vitest";
import { memoryReporter } from "./memory-reporter.js";
import { gate, impatient, serving, start } from "./serving.js";

const check = health.Check as MethodDefinition<object, { status: string }>;
const watch = health.Watch as MethodDefinition<object, { status: string }>;
const passThrough = (bytes: Buffer) => bytes;

function checkHealth(client: Client, service: string): Promise<{ status: string } | ServiceError> {
  return new Promise((resolve) => {
    client.makeUnaryRequest(
      check.path,
      check.requestSerialize,
      check.responseDeserialize,
      { service },
      (error, value) => {
        if (error !== null) resolve(error);
        else if (value !== undefined) resolve(value);
      },
    );
  });
}

/** Asks the reflection service; `field` and `value` are those of a ServerReflectionRequest (all its questions are strings). */
function reflect(
  client: Client,
  version: string,
  field: number,
  value: string,
  metadata = new Metadata(),
): Promise<Buffer> {
  const request = Buffer.from(
    new BinaryWriter()
      .uint32(field * 8 + 2)
      .string(value)
      .finish(),
  );
  return new Promise((resolve, reject) => {
    const path = `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
    const call = client.makeBidiStreamRequest(path, passThrough, passThrough, metadata);
    call.on("data", resolve).on("error", reject);
    call.write(request);
    call.end();
  });
}

/** The values of a message's length-delimited field. */
function fieldsOf(message: Uint8Array, wanted: number): Uint8Array[] {
  const reader = new BinaryReader(message);
  const found: Uint8Array[] = [];
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field === wanted && type === 2) found.push(reader.bytes());
    else reader.skip(type, field);
  }
  return found;
}

describe("the health service", () => {
  it("says that the server and its services serve, without a token", async () => {
    await using server = await serving({ token: "t" });
    const client = new Client(server.address, credentials.createInsecure());
    for (const service of ["", "stride.v1.WorkerService", "stride.v1.LaboratoryService"]) {
      expect(await checkHealth(client, service)).toEqual({ status: "SERVING" });
    }
    expect(await checkHealth(client, "stride.v1.Unknown")).toMatchObject({ code: status.NOT_FOUND });
    client.close();
  });

  it("tells who watches that the server is closing, while calls still finish", async () => {
    const release = gate();
    const arrived = gate();
    const before = () => {
      arrived.open();
      return release.opened;
    };
    const server = await serving({ reporter: memoryReporter({ before }), shutdownMs: 60_000 });
    await using caller = impatient(server.address);
    const client = new Client(server.address, credentials.createInsecure());
    const call = client.makeServerStreamRequest(watch.path, watch.requestSerialize, watch.responseDeserialize, {
      service: "",
    });
    call.on("error", () => {});
    const states = call.map(({ status: state }) => state)[Symbol.asyncIterator]();
    expect(await states.next()).toMatchObject({ value: "SERVING" });
    const answer = caller.startAttempt(start);
    await arrived.opened;
    const closed = server[Symbol.asyncDispose]();
    expect(await states.next()).toMatchObject({ value: "NOT_SERVING" });
    call.cancel();
    release.open();
    expect(await answer).toEqual({ kind: "continue", token: 1 });
    await closed;
    client.close();
  });
});

describe("the reflection service", () => {
  it.each(["v1", "v1alpha"])("%s lists the services and describes them", async (version) => {
    await using server = await serving();
    const client = new Client(server.address, credentials.createInsecure());
    const [list] = fieldsOf(await reflect(client, version, 7, "*"), 6);
    const names = fieldsOf(list ?? new Uint8Array(), 1).map((service) =>
      String(Buffer.from(fieldsOf(service, 1)[0] ?? [])),
    );
    expect(names.sort()).toEqual(["grpc.health.v1.Health", "stride.v1.LaboratoryService", "stride.v1.WorkerService"]);
    const [description] = fieldsOf(await reflect(client, version, 4, "stride.v1.LaboratoryService"), 4);
    const files = fieldsOf(description ?? new Uint8Array(), 1).map((file) =>
      String(Buffer.from(fieldsOf(file, 1)[0] ?? [])),
    );
    expect(files).toEqual([
      "stride/v1/laboratory.proto",
      "google/protobuf/timestamp.proto",
      "stride/v1/worker_node.proto",
    ]);
    client.close();
  });

  it("asks for the token", async () => {
    await using server = await serving({ token: "t" });
    const client = new Client(server.address, credentials.createInsecure());
    await expect(reflect(client, "v1", 7, "*")).rejects.toMatchObject({ code: status.UNAUTHENTICATED });
    const metadata = new Metadata();
    metadata.set("authorization", "Bearer t");
    expect((await reflect(client, "v1", 7, "*", metadata)).length).toBeGreaterThan(0);
    client.close();
  });
});
