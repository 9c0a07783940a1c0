import { expect, it } from "vitest";
import { scheduleMarks } from "./schedule-marks.js";

it("draws the baseline black and no two of 29 schedules alike", () => {
  const names = Array.from({ length: 29 }, (_, place) => `s${place}`);
  const marks = scheduleMarks(names, "s3");
  expect(marks[3]).toMatchObject({ schedule: "s3", colour: "#000000" });
  expect(new Set(marks.map(({ colour, dash }) => JSON.stringify([colour, dash]))).size).toBe(29);
});
