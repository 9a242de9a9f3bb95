// node measure.js CHROMIUM FLAGS < TASKS: measures pages, one after the other, for infra/bench/lighthouse_scores.py.
// A task is a line of JSON, {"address", "form"}; so is its answer, {"scores", "lost"}: the score in each category, from
// 0 to 100, and the audits that took something away.
import { createInterface } from "node:readline";

import { launch } from "chrome-launcher";
import lighthouse, { desktopConfig } from "lighthouse";

const CATEGORIES = ["performance", "accessibility", "best-practices", "seo"];
const TIMES = 3;
const [chromePath, flags] = process.argv.slice(2);

function answer({ audits, categories }) {
  const lost = CATEGORIES.flatMap((name) => categories[name].auditRefs)
    .filter(({ id, weight }) => weight > 0 && audits[id].score !== null && audits[id].score < 0.9)
    .map(({ id }) => id);
  return { scores: CATEGORIES.map((name) => Math.round(categories[name].score * 100)), lost: [...new Set(lost)] };
}

// Now and then Chromium loses the start of a page's load, and Lighthouse asks to be run again.
async function measured({ address, form }) {
  for (let time = 1; ; time++) {
    const flags = { port: chromium.port, onlyCategories: CATEGORIES, disableFullPageScreenshot: true };
    const { lhr } = await lighthouse(address, flags, form === "desktop" ? desktopConfig : undefined);
    if (!lhr.runtimeError) return answer(lhr);
    if (time === TIMES) throw new Error(lhr.runtimeError.message);
  }
}

const chromium = await launch({ chromePath, chromeFlags: ["--headless=new", ...JSON.parse(flags)] });
try {
  for await (const line of createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(await measured(JSON.parse(line))));
  }
} finally {
  chromium.kill();
}
