import { describe, expect, it } from "vitest";
import { isOutOfMemory, outOfMemoryAlone, outOfMemoryCry } from "./memory-errors.js";

describe("want of memory", () => {
  it.each([
    "Non-zero status code returned while running Scan node. Name:'' Status Message: /onnxruntime_src/onnxruntime/core/framework/bfc_arena.cc:376 void* onnxruntime::BFCArena::AllocateRawInternal(size_t, bool) Failed to allocate memory for requested buffer of size 4294967296",
    "BFC Arena ran out of memory trying to allocate 1048576. Limit: 0. Currently allocated 0",
    "std::bad_alloc",
    "bad allocation",
    "CUDA failure 2: out of memory ; GPU=0 ; hostname=here ; expr=cudaMalloc((void**)&p, size);",
    "CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED ; GPU=0",
    "WebGPU device lost (1): out of memory",
    "WebGPU validation failed. Out of memory",
    "vkAllocateMemory failed with VK_ERROR_OUT_OF_DEVICE_MEMORY",
    "OOM when allocating tensor with shape[8192,8192] and type float",
    "Array buffer allocation failed",
    "the training process ended (SIGKILL, when the machine was out of memory)",
  ])("is seen in: %s", (message) => {
    expect(isOutOfMemory(message)).toBe(true);
  });

  it.each([
    "the training process ended (SIGKILL)",
    "the training process ended (exit code 2)",
    "CUDA failure 700: an illegal memory access was encountered",
    "CUDA failure 222: the provided PTX was compiled with an unsupported toolchain",
    "task.dimension is too large",
    "the training ended without results",
  ])("is not seen in: %s", (message) => {
    expect(isOutOfMemory(message)).toBe(false);
  });

  it.each([
    ["terminate called after throwing an instance of 'std::bad_alloc'\n  what():  std::bad_alloc\n", "std::bad_alloc"],
    ["FATAL ERROR: v8::ArrayBuffer::New Allocation failed - process out of memory\n", "process out of memory"],
    [
      "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
      "JavaScript heap out of memory",
    ],
    ["Assertion failed: tensor is null\n", undefined],
  ])("is heard in the last words of a process: %s", (words, cry) => {
    expect(outOfMemoryCry(words)).toBe(cry);
    if (cry !== undefined) expect(isOutOfMemory(`the training process ended (SIGABRT: ${cry})`)).toBe(true);
  });

  it("says what to do where nothing else was at work", () => {
    expect(outOfMemoryAlone("std::bad_alloc")).toMatch(/std::bad_alloc.*smaller batch.*STRIDE_DEVICE_MEMORY_MB/);
  });
});
