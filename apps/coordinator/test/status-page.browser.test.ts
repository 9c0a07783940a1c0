import { existsSync } from "node:fs";
import { soleAuthority } from "@stride/rpc";
import { createMetrics, type HttpServer } from "@stride/telemetry";
import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { textLog } from "../src/observability/log.js";
import { serveStatus } from "../src/observability/serve-status.js";
import { sampleStatus } from "./sample-status.js";

const executablePath = "/usr/bin/chromium";
const missing = existsSync(executablePath) ? undefined : `${executablePath} is not there`;
if (missing !== undefined && process.env.CI === "true") throw new Error(`${missing}, and CI must test with it`);

describe.skipIf(missing !== undefined)(`the status page in a browser ${missing ?? ""}`, () => {
  let browser: Browser;
  let server: HttpServer;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-background-networking"] });
    server = await serveStatus({
      listen: "127.0.0.1:0",
      authority: soleAuthority("the-token"),
      metrics: await createMetrics({ version: "0.1.0", load: () => Promise.reject(new Error("none")) }),
      readStatus: async () => sampleStatus,
      log: textLog("silent", () => {}),
    });
  });
  afterAll(async () => {
    await browser.close();
    await server[Symbol.asyncDispose]();
  });

  /** Opens it as somebody who typed the token, and says what the browser complained about and asked for. */
  async function opened(options: { readonly width: number; readonly password?: string }) {
    const { width, password = "the-token" } = options;
    const page = await browser.newPage({
      viewport: { width, height: 900 },
      httpCredentials: { username: "anybody", password },
    });
    const complaints: string[] = [];
    const requests: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("dialog", (dialog) => complaints.push(dialog.message()));
    page.on("request", (request) => requests.push(request.url()));
    const response = await page.goto(`http://127.0.0.1:${server.port}/`);
    return { page, response, complaints, requests };
  }

  it("shows itself, in its own style, with nothing loaded from elsewhere and nothing run", async () => {
    const { page, response, complaints, requests } = await opened({ width: 1_200 });
    expect(response?.status()).toBe(200);
    expect(await page.locator("h1").textContent()).toBe("Stride");
    expect(await page.locator("article.study").count()).toBe(sampleStatus.studies.length);
    expect(await page.locator("article.study h3").nth(1).textContent()).toContain('<script>alert("name")</script>');
    const radius = await page
      .locator(".tiles div")
      .first()
      .evaluate("element => getComputedStyle(element).borderRadius");
    expect(radius).not.toBe("0px");
    expect(complaints).toEqual([]);
    expect(new Set(requests.filter((url) => !url.startsWith("data:")).map((url) => new URL(url).host))).toEqual(
      new Set([`127.0.0.1:${server.port}`]),
    );
    await page.close();
  });

  it("draws bars as wide as their shares", async () => {
    const { page } = await opened({ width: 1_200 });
    const bar = page.locator("article.study svg.bar").first();
    const widthOf = async (part: string) => (await bar.locator(`rect.${part}`).boundingBox())?.width ?? Number.NaN;
    const whole = await widthOf("track");
    expect(whole).toBeGreaterThan(500);
    expect((await widthOf("completed")) / whole).toBeCloseTo(540 / 1_160, 2);
    expect((await widthOf("running")) / whole).toBeCloseTo(128 / 1_160, 2);
    await page.close();
  });

  it.each([{ width: 1_200 }, { width: 420 }])(
    "fits a window $width pixels wide: wide tables scroll by themselves",
    async ({ width }) => {
      const { page } = await opened({ width });
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
      await page.close();
    },
  );

  it("is not shown to somebody with a wrong token", async () => {
    const { page, response } = await opened({ width: 1_200, password: "wrong" });
    expect(response?.status()).toBe(401);
    expect(await page.locator("article.study").count()).toBe(0);
    await page.close();
  });
});
