/** The texts of a drawing, in its order. */
export function textsOf(svg: string): string[] {
  return [...svg.matchAll(/<text[^>]*>([^<]+)<\/text>|<tspan[^>]*>([^<]+)<\/tspan>/g)].map(
    ([, text, part]) => (text ?? part) as string,
  );
}

/** What a screen reader is told of each mark, such as "step: 0; learning rate: 0.1". */
export function spokenMarks(svg: string): string[] {
  return [...svg.matchAll(/aria-label="([^"]*)"/g)].map(([, label]) => label as string);
}

/** The colours in which something is stroked or filled. */
export function coloursOf(svg: string): Set<string> {
  return new Set([...svg.matchAll(/(?:fill|stroke)="(#[0-9a-fA-F]{6})"/g)].map(([, colour]) => colour as string));
}
