/** What is open now, so that a signal can close it too. */
const open = new Set();

/** Runs `work`, which registers what it opens with `use`, and closes all of that in reverse order, however the work ends. */
export async function withResources(work) {
  const mine = [];
  const use = (resource) => {
    mine.push(resource);
    open.add(resource);
    return resource;
  };
  try {
    return await work(use);
  } finally {
    for (const resource of mine.reverse()) await dispose(resource);
  }
}

export async function disposeAll() {
  for (const resource of [...open].reverse()) await dispose(resource);
}

async function dispose(resource) {
  if (!open.delete(resource)) return;
  await resource[Symbol.asyncDispose]();
}
