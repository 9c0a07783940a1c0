/** What is open now, or is just being opened, and the end of what is being closed: a signal may come at any time. */
const open = new Set();
const closing = new Map();

/**
 * Runs `work`, which opens everything with `await use(…)`, given the resource or the promise of it, and closes all of that in
 * reverse order, however the work ends.
 */
export async function withResources(work) {
  const mine = [];
  const use = (opening) => {
    const resource = Promise.resolve(opening);
    mine.push(resource);
    open.add(resource);
    return resource;
  };
  try {
    return await work(use);
  } finally {
    await closeInTurn(mine);
  }
}

export function closeAll() {
  return closeInTurn([...open]);
}

async function closeInTurn(resources) {
  for (const resource of resources.reverse()) {
    if (!closing.has(resource)) closing.set(resource, close(resource));
    await closing.get(resource);
  }
}

async function close(resource) {
  // What could not be opened needs no closing; its error went to who opened it.
  const opened = await resource.catch(() => undefined);
  await opened?.[Symbol.asyncDispose]?.();
  open.delete(resource);
}
