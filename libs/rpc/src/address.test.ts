import { InvalidArgument } from "@stride/experiment";
import { describe, expect, it } from "vitest";
import { formatAddress, isLoopback, parseAddress } from "./address.js";

describe("parseAddress", () => {
  it.each([
    ["127.0.0.1:50051", { host: "127.0.0.1", port: 50_051 }],
    ["coordinator.stride.svc:1", { host: "coordinator.stride.svc", port: 1 }],
    ["[::1]:0", { host: "::1", port: 0 }],
  ])("reads %s, and formatAddress writes it back", (text, expected) => {
    expect(parseAddress("address", text)).toEqual(expected);
    expect(formatAddress(expected)).toBe(text);
  });

  it.each(["", "localhost", "localhost:", ":50051", "localhost:65536", "http://localhost:1", "::1:50051", "[nine]:1"])(
    "refuses %j and says what is allowed",
    (text) => {
      const read = () => parseAddress("--coordinator", text);
      expect(read).toThrow(InvalidArgument);
      expect(read).toThrow(/^--coordinator must be "host:port" .* got /);
    },
  );
});

describe("isLoopback", () => {
  it.each([
    ["127.0.0.1", true],
    ["127.8.9.10", true],
    ["::1", true],
    ["::ffff:127.0.0.1", true],
    ["0.0.0.0", false],
    ["::", false],
    ["10.0.0.1", false],
    ["128.0.0.1", false],
  ])("of %s is %s", (ip, expected) => expect(isLoopback(ip)).toBe(expected));
});
