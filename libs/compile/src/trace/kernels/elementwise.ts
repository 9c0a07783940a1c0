import { broadcastShape, cast, elementwise, expand, positive } from "../../graph/build.js";
import { constantOf, type DType, float, int, type Node, operation, scalar } from "../../graph/node.js";
import type { tf } from "../../tensorflow.js";
import type { Kernel, Kernels } from "../kernel.js";

const number = (value: number, dtype: DType) => constantOf([value], dtype);

const unary =
  (operator: string, attributes: Record<string, number> = {}): Kernel =>
  (call) => {
    const x = call.input("x");
    const floats = Object.entries(attributes).map(([name, value]) => [name, float(value)] as const);
    return operation(operator, [x], { shape: x.shape, attributes: Object.fromEntries(floats) });
  };
const composed =
  (compose: (x: Node, call: Parameters<Kernel>[0]) => Node): Kernel =>
  (call) =>
    compose(call.input("x"), call);
const binary =
  (operator: string, dtype?: DType): Kernel =>
  (call) =>
    elementwise(operator, [call.input("a"), call.input("b")], dtype);
/** ONNX orders numbers alone. */
const ordering =
  (operator: string): Kernel =>
  (call) => {
    const operands = [call.input("a"), call.input("b")];
    return elementwise(
      operator,
      operands.map((x) => (x.dtype === "bool" ? cast(x, "int32") : x)),
      "bool",
    );
  };
const pair =
  (compose: (a: Node, b: Node) => Node): Kernel =>
  (call) =>
    compose(call.input("a"), call.input("b"));

const add = (a: Node, b: Node) => elementwise("Add", [a, b]);
const subtract = (a: Node, b: Node) => elementwise("Sub", [a, b]);
const multiply = (a: Node, b: Node) => elementwise("Mul", [a, b]);
const divide = (a: Node, b: Node) => elementwise("Div", [a, b]);
const choose = (condition: Node, a: Node, b: Node) => elementwise("Where", [condition, a, b], a.dtype);
const compare = (operator: string, a: Node, b: Node) => elementwise(operator, [a, b], "bool");
const simple = (operator: string, x: Node, dtype: DType = x.dtype) =>
  operation(operator, [x], { shape: x.shape, dtype });
const clip = (x: Node, low: number, high: number) =>
  operation("Clip", [x, number(low, x.dtype), number(high, x.dtype)], { shape: x.shape });

/** Floor division, whole as TensorFlow.js has it; ONNX divides integers toward zero. */
function floorDivide(a: Node, b: Node): Node {
  if (a.dtype === "float32") return cast(simple("Floor", divide(a, b)), "int32");
  const remainder = elementwise("Mod", [a, b]);
  return divide(subtract(a, remainder), b);
}

/** The remainder with the divisor's sign. That of C, which is exact, has the dividend's. */
function modulo(a: Node, b: Node): Node {
  if (a.dtype !== "float32") return elementwise("Mod", [a, b]);
  const rest = operation("Mod", [a, b], { shape: broadcastShape(a.shape, b.shape), attributes: { fmod: int(1) } });
  const opposite = compare("Less", multiply(simple("Sign", rest), simple("Sign", b)), scalar(0));
  return choose(opposite, add(rest, b), rest);
}

/** 1 above 0 and `alpha` elsewhere; NaN stays. */
function step(x: Node, alpha: number): Node {
  if (x.dtype === "float32" && alpha === 0) return positive(x);
  const chosen = choose(compare("Greater", x, number(0, x.dtype)), scalar(1), scalar(alpha));
  return x.dtype === "float32" ? choose(isNotNumber(x), x, chosen) : chosen;
}

/** eˣ − 1 = tanh(x / 2) (eˣ + 1), which keeps its digits near 0. */
function expMinusOne(x: Node): Node {
  const small = multiply(simple("Tanh", multiply(x, scalar(0.5))), add(simple("Exp", x), scalar(1)));
  return choose(compare("Less", simple("Abs", x), scalar(1)), small, subtract(simple("Exp", x), scalar(1)));
}

/** log(1 + x) = x log(u) / (u − 1) with u = 1 + x as it is rounded: Goldberg, 1991, theorem 4. */
function logOnePlus(x: Node): Node {
  const u = add(x, scalar(1));
  const small = compare("Less", simple("Abs", x), scalar(0.5));
  const safe = choose(compare("Equal", u, scalar(1)), scalar(2), u);
  const exact = choose(
    compare("Equal", u, scalar(1)),
    x,
    multiply(x, divide(simple("Log", safe), subtract(safe, scalar(1)))),
  );
  return choose(small, exact, simple("Log", u));
}

const isNotNumber = (x: Node) => simple("IsNaN", x, "bool");
const isInfinite = (x: Node) => simple("IsInf", x, "bool");

export const elementwiseKernels: Kernels = {
  Abs: unary("Abs"),
  Acos: unary("Acos"),
  Acosh: unary("Acosh"),
  Asin: unary("Asin"),
  Asinh: unary("Asinh"),
  Atan: unary("Atan"),
  Atanh: unary("Atanh"),
  Ceil: unary("Ceil"),
  Cos: unary("Cos"),
  Cosh: unary("Cosh"),
  Elu: unary("Elu", { alpha: 1 }),
  Erf: unary("Erf"),
  Exp: unary("Exp"),
  Floor: unary("Floor"),
  Log: unary("Log"),
  LogicalNot: unary("Not"),
  Neg: unary("Neg"),
  Reciprocal: unary("Reciprocal"),
  Relu: unary("Relu"),
  Round: unary("Round"),
  Selu: unary("Selu"),
  Sigmoid: unary("Sigmoid"),
  Sign: unary("Sign"),
  Sin: unary("Sin"),
  Sinh: unary("Sinh"),
  Softplus: unary("Softplus"),
  Sqrt: unary("Sqrt"),
  Tan: unary("Tan"),
  Tanh: unary("Tanh"),

  ClipByValue: composed((x, call) => {
    const { clipValueMin, clipValueMax } = call.attributes<tf.ClipByValueAttrs>();
    return clip(x, clipValueMin, clipValueMax);
  }),
  Expm1: composed(expMinusOne),
  IsFinite: composed((x) => simple("Not", elementwise("Or", [isNotNumber(x), isInfinite(x)], "bool"))),
  IsInf: composed(isInfinite),
  IsNan: composed(isNotNumber),
  LeakyRelu: composed((x, call) => {
    const { alpha } = call.attributes<tf.LeakyReluAttrs>();
    return operation("LeakyRelu", [x], { shape: x.shape, attributes: { alpha: float(alpha) } });
  }),
  Log1p: composed(logOnePlus),
  Relu6: composed((x) => clip(x, 0, 6)),
  Rsqrt: composed((x) => simple("Reciprocal", simple("Sqrt", x))),
  Square: composed((x) => multiply(x, x)),
  Step: composed((x, call) => step(x, call.attributes<tf.StepAttrs>().alpha)),
  OnesLike: composed((x) => expand(number(1, x.dtype), x.shape)),
  ZerosLike: composed((x) => expand(number(0, x.dtype), x.shape)),

  Add: binary("Add"),
  Sub: binary("Sub"),
  Multiply: binary("Mul"),
  RealDiv: binary("Div"),
  Maximum: binary("Max"),
  Minimum: binary("Min"),
  Pow: binary("Pow"),
  Equal: binary("Equal", "bool"),
  Greater: ordering("Greater"),
  GreaterEqual: ordering("GreaterOrEqual"),
  Less: ordering("Less"),
  LessEqual: ordering("LessOrEqual"),
  LogicalAnd: binary("And", "bool"),
  LogicalOr: binary("Or", "bool"),
  LogicalXor: binary("Xor", "bool"),

  FloorDiv: pair(floorDivide),
  Mod: pair(modulo),
  NotEqual: pair((a, b) => simple("Not", compare("Equal", a, b))),
  SquaredDifference: pair((a, b) => {
    const difference = subtract(a, b);
    return multiply(difference, difference);
  }),

  AddN: (call) => call.inputs().reduce(add),
  EluGrad: (call) => {
    const [dy, y] = [call.input("dy"), call.input("y")];
    return choose(compare("GreaterOrEqual", y, scalar(0)), dy, multiply(dy, add(y, scalar(1))));
  },
  Prelu: (call) => {
    const [x, alpha] = [call.input("x"), call.input("alpha")];
    return choose(compare("Less", x, scalar(0)), multiply(x, alpha), expand(x, elementwise("Mul", [x, alpha]).shape));
  },
  Select: (call) => {
    const [condition, a, b] = [call.input("condition"), call.input("t"), call.input("e")];
    return choose(condition, a, b);
  },
};
