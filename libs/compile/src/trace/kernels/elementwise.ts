import { cast, elementwise, expand } from "../../graph/build.js";
import { constant, type DType, float, type Node, operation, scalar } from "../../graph/node.js";
import type { tf } from "../../tensorflow.js";
import type { Kernel, Kernels } from "../kernel.js";

const zeroOf = (x: Node) => number(0, x.dtype);
const number = (value: number, dtype: DType) => {
  if (dtype === "float32") return scalar(value);
  return constant(dtype === "bool" ? Uint8Array.of(value) : Int32Array.of(value), dtype, []);
};

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

/** Floor division; ONNX divides integers toward zero. */
function floorDivide(a: Node, b: Node): Node {
  if (a.dtype === "float32") return simple("Floor", divide(a, b));
  const remainder = elementwise("Mod", [a, b]);
  return divide(subtract(a, remainder), b);
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

/** Whole numbers as floats where the operator knows floats alone. */
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
  Step: composed((x, call) => {
    const { alpha } = call.attributes<tf.StepAttrs>();
    const above = compare("Greater", x, zeroOf(x));
    return alpha === 0 ? cast(above, "float32") : choose(above, scalar(1), scalar(alpha));
  }),
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
  Greater: binary("Greater", "bool"),
  GreaterEqual: binary("GreaterOrEqual", "bool"),
  Less: binary("Less", "bool"),
  LessEqual: binary("LessOrEqual", "bool"),
  LogicalAnd: binary("And", "bool"),
  LogicalOr: binary("Or", "bool"),
  LogicalXor: binary("Xor", "bool"),

  FloorDiv: pair(floorDivide),
  Mod: pair((a, b) =>
    a.dtype === "float32" ? subtract(a, multiply(b, simple("Floor", divide(a, b)))) : elementwise("Mod", [a, b]),
  ),
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
