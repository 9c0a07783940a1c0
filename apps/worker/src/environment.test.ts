import { describe, expect, it } from "vitest";
import { InvalidEnvironment, parseEnvironment } from "./environment.js";

const least = { STRIDE_COORDINATOR: "localhost:7070", STRIDE_QUEUE_URL: "redis://localhost:6379" };

function complaint(environment: Record<string, string | undefined>): string {
  try {
    parseEnvironment(environment);
  } catch (error) {
    if (error instanceof InvalidEnvironment) return error.message;
    throw error;
  }
  throw new Error("the environment was accepted");
}

describe("a worker's environment", () => {
  it("needs a coordinator and a queue, and has defaults for the rest", () => {
    expect(parseEnvironment(least)).toEqual({
      coordinator: "localhost:7070",
      token: undefined,
      security: {},
      queueUrl: "redis://localhost:6379",
      executor: "onnx-cpu",
      slots: 1,
      threads: 1,
      leaseMs: 30_000,
      drainSeconds: 0,
      workerId: undefined,
      healthListen: undefined,
      logLevel: "info",
      allowModules: true,
    });
  });

  it("takes every variable", () => {
    const environment = {
      STRIDE_COORDINATOR: "[::1]:7070",
      STRIDE_TOKEN: "a-token",
      STRIDE_TOKEN_FILE: "token",
      STRIDE_TLS: "1",
      STRIDE_TLS_CA_FILE: "ca.pem",
      STRIDE_TLS_PIN_FILE: "pin.pem",
      STRIDE_TLS_CLIENT_CERT_FILE: "cert.pem",
      STRIDE_TLS_CLIENT_KEY_FILE: "key.pem",
      STRIDE_TLS_SERVER_NAME: "coordinator",
      STRIDE_QUEUE_URL: "postgresql://stride@database/stride",
      STRIDE_EXECUTOR: "tfjs-cpu",
      STRIDE_SLOTS: "4",
      STRIDE_THREADS: "2",
      STRIDE_LEASE_MS: "500",
      STRIDE_DRAIN_SECONDS: "90",
      STRIDE_WORKER_ID: "node-1",
      STRIDE_HEALTH_LISTEN: "0.0.0.0:50052",
      STRIDE_LOG_LEVEL: "debug",
      STRIDE_ALLOW_MODULES: "0",
      HOME: "/home/someone",
    };
    expect(parseEnvironment(environment)).toEqual({
      coordinator: "[::1]:7070",
      token: "a-token",
      security: {
        tokenFile: "token",
        tls: true,
        caFile: "ca.pem",
        pinFile: "pin.pem",
        certFile: "cert.pem",
        keyFile: "key.pem",
        serverName: "coordinator",
      },
      queueUrl: "postgresql://stride@database/stride",
      executor: "tfjs-cpu",
      slots: 4,
      threads: 2,
      leaseMs: 500,
      drainSeconds: 90,
      workerId: "node-1",
      healthListen: "0.0.0.0:50052",
      logLevel: "debug",
      allowModules: false,
    });
  });

  it("takes an empty variable for one that is not set", () => {
    const empty = { STRIDE_TOKEN: "", STRIDE_SLOTS: "", STRIDE_WORKER_ID: "" };
    expect(parseEnvironment({ ...least, ...empty })).toEqual(parseEnvironment(least));
  });

  it.each([
    ["STRIDE_COORDINATOR", undefined, "host:port or [IPv6]:port, with a port up to 65535, and is not set"],
    ["STRIDE_COORDINATOR", "localhost", 'host:port or [IPv6]:port, with a port up to 65535, got "localhost"'],
    ["STRIDE_COORDINATOR", "host:65536", 'host:port or [IPv6]:port, with a port up to 65535, got "host:65536"'],
    ["STRIDE_COORDINATOR", "http://a:1", 'host:port or [IPv6]:port, with a port up to 65535, got "http://a:1"'],
    ["STRIDE_EXECUTOR", "abacus", /^one of onnx-cpu, onnx-webgpu, onnx-cuda, tfjs-cpu, .*, got "abacus"$/],
    ["STRIDE_DEVICE_MEMORY_MB", "8 GB", 'a whole number from 1 to 100000000, got "8 GB"'],
    ["STRIDE_SLOTS", "0", 'a whole number from 1 to 256, got "0"'],
    ["STRIDE_SLOTS", "257", 'a whole number from 1 to 256, got "257"'],
    ["STRIDE_SLOTS", "1.5", 'a whole number from 1 to 256, got "1.5"'],
    ["STRIDE_THREADS", "0x10", 'a whole number from 1 to 256, got "0x10"'],
    ["STRIDE_THREADS", "many", 'a whole number from 1 to 256, got "many"'],
    ["STRIDE_LEASE_MS", "499", 'a whole number from 500 to 3600000, got "499"'],
    ["STRIDE_LEASE_MS", "30s", 'a whole number from 500 to 3600000, got "30s"'],
    ["STRIDE_ALLOW_MODULES", "no", 'one of 0, 1, got "no"'],
    ["STRIDE_WORKER_ID", "x".repeat(201), "at most 200 characters, got 201 characters"],
    ["STRIDE_LOG_LEVEL", "loud", 'one of silent, error, warn, info, debug, got "loud"'],
  ])("says what %s must be when it is %s", (name, value, expected) => {
    const message = complaint({ ...least, [name]: value });
    const start = `the environment cannot be used: ${name} must be `;
    expect(message.startsWith(start)).toBe(true);
    expect(message.slice(start.length)).toMatch(expected instanceof RegExp ? expected : exactly(expected));
  });

  it.each(["amqp://user:hunter2@queue", "user:hunter2@queue", "redis:hunter2", "hunter2"])(
    "never repeats the queue's URL, as of %s",
    (url) => {
      const message = complaint({ ...least, STRIDE_QUEUE_URL: url });
      expect(message).toContain("STRIDE_QUEUE_URL must be a URL that starts with redis://, rediss://, postgres://");
      expect(message).not.toContain("hunter2");
    },
  );

  it("never repeats the token", () => {
    const message = complaint({ ...least, STRIDE_TOKEN: "hunter2 and a space" });
    expect(message).toContain("STRIDE_TOKEN must be 1 to 1024 visible ASCII characters without spaces");
    expect(message).not.toContain("hunter2");
  });

  it("names every bad variable at once, in one line", () => {
    const message = complaint({ STRIDE_TOKEN: "hunter2", STRIDE_SLOTS: "none", STRIDE_LOG_LEVEL: "loud" });
    for (const name of ["STRIDE_COORDINATOR", "STRIDE_QUEUE_URL", "STRIDE_SLOTS", "STRIDE_LOG_LEVEL"]) {
      expect(message).toContain(`${name} must be `);
    }
    expect(message).not.toMatch(/\n|hunter2/);
  });
});

function exactly(text: string): RegExp {
  return new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`);
}
