import { z } from "zod";

export const imagePixels = 784;
export const imageClasses = 10;

/** Images of 28 × 28 grey pixels in ten classes, 60,000 to train on and 10,000 to test with. */
export const imageDataSchema = z
  .enum(["mnist", "fashion-mnist"])
  .describe("mnist: handwritten digits; fashion-mnist: photographs of clothes; 10 classes each");
export type ImageData = z.infer<typeof imageDataSchema>;
