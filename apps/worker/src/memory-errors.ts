/** What runtimes say when memory is at an end. */
const outOfMemoryTexts = [
  // ONNX Runtime's arenas, on every provider, and what it makes of std::bad_alloc.
  /Failed to allocate memory for requested buffer/i,
  /BFC ?Arena ran out of memory/i,
  /std::bad_alloc|bad allocation/,
  // CUDA (error 2), cuBLAS, cuDNN.
  /CUDA (failure|error) 2\b|cudaErrorMemoryAllocation|CUDA.*out of memory/i,
  /CUBLAS_STATUS_ALLOC_FAILED|CUDNN_STATUS_ALLOC_FAILED/,
  // WebGPU through Dawn: the device is lost where the driver cannot go on.
  /WebGPU.*(device lost|out of memory)|VK_ERROR_OUT_OF_(HOST|DEVICE)_MEMORY/i,
  /device (was|is) lost|out[ -]of[ -]memory/i,
  // TensorFlow, and JavaScript's own arrays.
  /OOM when allocating|RESOURCE_EXHAUSTED/,
  /Array buffer allocation failed/,
];

/** Whether a training failed for want of memory, as far as its message tells. */
export function isOutOfMemory(message: string): boolean {
  return outOfMemoryTexts.some((text) => text.test(message));
}

/** The last words of a process that aborted for want of memory, as C++ and V8 write them; undefined when they are others. */
export function outOfMemoryCry(errorStream: string): string | undefined {
  return /std::bad_alloc|JavaScript heap out of memory|process out of memory/.exec(errorStream)?.[0];
}

/** What to do about work that does not fit although it was alone. */
export function outOfMemoryAlone(message: string): string {
  return `out of memory with nothing else at work in this worker: ${message}. Use a smaller batch, network or evaluation set, a worker with more memory, or give each worker less (STRIDE_DEVICE_MEMORY_MB, fewer workers a device)`;
}
