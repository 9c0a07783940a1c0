/** Falls evenly to nothing and starts again, so many times: a function of the step alone. */
export default function sawtooth({ teeth = 4 }, { learningRate, steps }) {
  return (step) => learningRate * (1 - (((step * teeth) / steps) % 1));
}
