// Beside a page's own scripts under `make write`: shows the page anew when the site was built anew.
const LOOKS_EVERY = 200; // milliseconds
const built = new URL(import.meta.url).searchParams.get("built");

async function look() {
  try {
    const answer = await fetch("/_local/live/built");
    if (answer.ok && (await answer.text()) !== built) {
      location.reload();
      return;
    }
  } catch {
    // The server is about to be back.
  }
  setTimeout(look, LOOKS_EVERY);
}

setTimeout(look, LOOKS_EVERY);
