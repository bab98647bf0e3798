// The page of a one-time link in Chromium, without scripts, as wide as a telephone: presses its button.
//   node once_button.js URL
// One JSON object on standard output: what the page showed and what was downloaded.
const crypto = require("crypto");
const fs = require("fs");
const { chromium } = require("playwright-core");

(async () => {
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--no-proxy-server", "--disable-gpu"] });
  try {
    const options = { viewport: { width: 320, height: 640 }, acceptDownloads: true };
    const tab = await (await browser.newContext({ ...options, javaScriptEnabled: false })).newPage();
    await tab.goto(process.argv[2]);
    const button = tab.getByRole("button", { name: /Download/ });
    const box = await button.boundingBox();
    const [download] = await Promise.all([tab.waitForEvent("download"), button.press("Enter")]);
    const bytes = fs.readFileSync(await download.path());
    const after = await (await browser.newContext(options)).newPage(); // with scripts, to measure
    let answer;
    for (let tries = 50; tries && answer?.status() !== 410; tries--) answer = await after.goto(process.argv[2]); // counted when it has arrived
    const sideways = await after.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    console.log(
      JSON.stringify({
        name: download.suggestedFilename(),
        sha256: crypto.createHash("sha256").update(bytes).digest("hex"),
        height: box.height,
        after: { status: answer.status(), title: await after.textContent("h1"), sideways },
      }),
    );
  } finally {
    await browser.close();
  }
})().catch((e) => {
  console.error(e);
  process.exit(1);
});
