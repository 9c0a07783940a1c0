/** A process that checks modules by their paths alone. */
process.on("message", ({ spec: { path } }) => {
  if (path === "ends.mjs") process.exit(3);
  if (path === "hangs.mjs") for (;;);
  if (path === "breaks.mjs") process.send({ kind: "failed", message: "a bug" });
  else process.send({ kind: "refused", message: `${path} in ${process.pid}` });
});
process.on("disconnect", () => process.exit(0));
