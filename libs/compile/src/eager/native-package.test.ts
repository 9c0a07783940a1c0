import { describe, expect, it } from "vitest";
import { loadNative } from "./native-package.js";

const name = "@tensorflow/tfjs-node-gpu";
const failing = (error: Error) => ({ node: "22.11.0", load: () => Promise.reject(error) });

describe("a native package", () => {
  it("is refused on a Node that is too new, before it is loaded", async () => {
    const load = () => Promise.reject(new Error("it was loaded"));
    await expect(loadNative(name, { node: "23.0.0", load })).rejects.toThrow(
      "@tensorflow/tfjs-node-gpu runs on Node 22 or older (util.isNullOrUndefined is gone), and this is 23.0.0",
    );
  });

  it("says that it is not installed, which is another thing than a library that it lacks", async () => {
    const absent = Object.assign(new Error(`Cannot find package '${name}' imported from here`), {
      code: "ERR_MODULE_NOT_FOUND",
    });
    await expect(loadNative(name, failing(absent))).rejects.toThrow(/^@tensorflow\/tfjs-node-gpu is not installed$/);
    const broken = new Error("libcudart.so.11.0: cannot open shared object file: No such file or directory\nstack");
    await expect(loadNative(name, failing(broken))).rejects.toThrow(
      /^@tensorflow\/tfjs-node-gpu does not load: libcudart.so.11.0: cannot open shared object file: No such file or directory$/,
    );
    const other = Object.assign(new Error("Cannot find package 'rimraf' imported from there"), {
      code: "ERR_MODULE_NOT_FOUND",
    });
    await expect(loadNative(name, failing(other))).rejects.toThrow("does not load: Cannot find package 'rimraf'");
  });

  it("leaves memory of the device to others", async () => {
    delete process.env.TF_FORCE_GPU_ALLOW_GROWTH;
    await loadNative(name, { node: "20.0.0", load: async () => undefined });
    expect(process.env.TF_FORCE_GPU_ALLOW_GROWTH).toBe("true");
    process.env.TF_FORCE_GPU_ALLOW_GROWTH = "false";
    await loadNative(name, { node: "20.0.0", load: async () => undefined });
    expect(process.env.TF_FORCE_GPU_ALLOW_GROWTH).toBe("false");
  });
});
