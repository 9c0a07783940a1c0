import { describe, expect, it } from "vitest";
import { sampleStatus } from "../../test/sample-status.js";
import { statusPage, statusUnavailablePage } from "./status-page.js";
import { statusPolicy, statusStyle } from "./status-style.js";

const page = statusPage(sampleStatus);

describe("the status page", () => {
  it("says how studies, workers and cohorts stand", () => {
    for (const text of [
      "up for 26 h 03 m",
      "57 % of steps, 32 m 15 s left",
      "1 % of steps, estimating",
      "540 completed",
      "12 older ones are not shown",
      "13 more are not shown",
      "4 of 12",
      "15 m 12 s",
      "waiting for 42 s",
      "policy update",
      '<span class="pill lost">lost</span>',
    ]) {
      expect(page).toContain(text);
    }
  });

  it("has no names as markup, no scripts, no styles on elements, and nothing from elsewhere", () => {
    expect(page).toContain("&lt;script&gt;alert(&quot;name&quot;)&lt;/script&gt;");
    expect(page).not.toMatch(/<script|<img/i);
    const tags = [...page.matchAll(/<[a-z][^>]*>/g)].map(([tag]) => tag.replaceAll(/"[^"]*"/g, '""'));
    expect(tags.filter((tag) => /\s(?:on\w+|style)=/.test(tag))).toEqual([]);
    expect(page).not.toMatch(/(?:src|href)="(?!data:,)/);
    expect(page).not.toMatch(/url\(|@import|https?:/);
  });

  it("has bars that add up to no more than their width", () => {
    for (const [bar] of page.matchAll(/<svg class="bar".*?<\/svg>/g)) {
      const widths = [...bar.matchAll(/x="[\d.]+%" width="([\d.]+)%"/g)].map(([, width]) => Number(width));
      expect(widths.reduce((sum, width) => sum + width, 0)).toBeLessThanOrEqual(100.05);
    }
  });

  it("asks for itself again, with and without a status", () => {
    for (const each of [page, statusUnavailablePage()])
      expect(each).toContain('<meta http-equiv="refresh" content="5">');
    expect(statusUnavailablePage()).toContain("The results database does not answer.");
  });

  it("says what to do where there is nothing yet", () => {
    const empty = statusPage({
      ...sampleStatus,
      studies: [],
      olderStudies: 0,
      workers: [],
      cohorts: [],
      unfinishedCohorts: 0,
      waitingCohorts: 0,
    });
    for (const text of ["No study yet", "No worker has been heard of", "Nothing is left to train", "0 of 0"]) {
      expect(empty).toContain(text);
    }
    expect(empty).not.toContain("not shown");
  });

  it("is allowed its own style by its policy, and nothing else", () => {
    expect(page).toContain(`<style>${statusStyle}</style>`);
    expect(statusPolicy).toMatch(/^default-src 'none'; style-src 'sha256-[A-Za-z0-9+/]+=*'; img-src data:; /);
    expect(statusPolicy).not.toMatch(/unsafe|\*|script/);
  });
});
