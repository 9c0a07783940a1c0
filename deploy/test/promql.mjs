const aggregations = ["sum", "min", "max", "avg", "count", "topk", "bottomk"];
const functions = ["absent", "delta", "histogram_quantile", "increase", "rate", "vector", "clamp_min"];
const words = ["and", "or", "unless", "by", "without", "on", "ignoring"];

/**
 * What a PromQL expression reads, as far as this chart's ones need it: no parser, but it refuses what it does not know.
 * @param {string} expression
 * @returns {{ metrics: string[], labels: { metric: string | undefined, label: string }[] }}
 */
export function readsOf(expression) {
  const pattern =
    /"(?:[^"\\]|\\.)*"|\[[^\]]*\]|[a-zA-Z_:][a-zA-Z0-9_:]*|\d+(?:\.\d+)?|[=!]~|[=!<>]=|[-+*/%<>=(){},]|\s+|(.)/gu;
  const tokens = [];
  for (const [token, unknown] of expression.matchAll(pattern)) {
    if (unknown !== undefined) throw new Error(`${expression}: ${unknown} is not known`);
    if (token.trim() !== "") tokens.push(token);
  }
  const metrics = [];
  const labels = [];
  const open = [];
  let grouping = false;
  for (const [at, token] of tokens.entries()) {
    if ("({".includes(token)) open.push(token);
    if (")}".includes(token)) {
      if (`${open.pop()}${token}` !== (token === ")" ? "()" : "{}"))
        throw new Error(`${expression}: ${token} closes nothing`);
      grouping = false;
    }
    if (token.startsWith("[") && !/^\[(\d+[smhd]|\$__rate_interval)\]$/.test(token))
      throw new Error(`${expression}: ${token} is no range`);
    if (!/^[a-zA-Z_:]/.test(token)) continue;
    if (["by", "without", "on", "ignoring"].includes(token)) grouping = true;
    else if (open.at(-1) === "{") labels.push({ metric: metrics.at(-1), label: token });
    else if (grouping) labels.push({ metric: undefined, label: token });
    else if (tokens[at + 1] === "(" || aggregations.includes(token)) {
      if (![...aggregations, ...functions, ...words].includes(token))
        throw new Error(`${expression}: function ${token} is not known`);
    } else if (!words.includes(token)) metrics.push(token);
  }
  if (open.length > 0) throw new Error(`${expression}: ${open.at(-1)} is not closed`);
  return { metrics, labels };
}
