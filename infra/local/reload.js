// Beside a page's own scripts under `make write`: shows the page anew when another one is served in its place.
const LOOKS_EVERY = 200; // milliseconds

async function version(how) {
  const answer = await fetch(location.pathname, how);
  return `${answer.status} ${answer.headers.get("ETag")}`;
}

async function look(shown) {
  try {
    if ((await version({ method: "HEAD", cache: "no-store" })) !== shown) {
      location.reload();
      return;
    }
  } catch {
    // The server is about to be back.
  }
  setTimeout(look, LOOKS_EVERY, shown);
}

// The page as it was loaded, which the browser has at hand: it may have changed since.
look(await version({ cache: "force-cache" }));
