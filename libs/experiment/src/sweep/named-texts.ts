import type { Path } from "./yaml-source.js";

export const textLists = ["tasks", "schedules"] as const;

export type Entry = Readonly<Record<string, unknown>>;

/** An entry of a sweep file that names a text beside it: a module's, or a policy's. */
export interface NamingPlace {
  readonly kind: "module" | "policy";
  readonly list: (typeof textLists)[number];
  readonly index: number;
  /** Of the entry. */
  readonly at: Path;
}

/** The key of an entry that names the text. */
export const namingKey = { module: "path", policy: "policy" } as const;

/** The value of a sweep file with each entry of kind module or policy replaced, also a schedule's inside of a control. */
export function mapNaming(value: unknown, change: (entry: Entry, place: NamingPlace) => Entry): unknown {
  if (!isRecord(value)) return value;
  const visit = (entry: unknown, place: Omit<NamingPlace, "kind">): unknown => {
    if (!isRecord(entry)) return entry;
    const { kind } = entry;
    if (kind === "module" || (kind === "policy" && place.list === "schedules")) {
      return change(entry, { ...place, kind });
    }
    if (place.list === "tasks" || !isRecord(entry.schedule)) return entry;
    return { ...entry, schedule: visit(entry.schedule, { ...place, at: [...place.at, "schedule"] }) };
  };
  const changed = textLists.flatMap((list) => {
    const entries = value[list];
    if (!Array.isArray(entries)) return [];
    return [[list, entries.map((entry: unknown, index) => visit(entry, { list, index, at: [list, index] }))] as const];
  });
  return { ...value, ...Object.fromEntries(changed) };
}

function isRecord(value: unknown): value is Entry {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
