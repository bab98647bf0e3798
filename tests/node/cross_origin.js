// A page of another origin in Chromium uses slots and files with nothing but fetch() and XMLHttpRequest.
//   node cross_origin.js PUT-URL GET-URL
// One JSON object on standard output: what the page saw.
const http = require("http");
const { chromium } = require("playwright-core");

const [put, get] = process.argv.slice(2);

// Runs in the page.
async function story({ put, get }) {
  const seen = {};
  const bytes = new Uint8Array(300000).map((_, i) => i % 251);
  const about = async (r, names) => ({
    status: r.status,
    text: r.status < 300 ? "" : await r.text(),
    headers: Object.fromEntries(names.map((n) => [n, r.headers.get(n)])),
  });

  seen.put = await new Promise((done) => {
    const x = new XMLHttpRequest();
    const progress = [];
    x.upload.onprogress = (e) => progress.push(e.loaded);
    x.onloadend = () =>
      done({ status: x.status, progress, location: x.getResponseHeader("Location"), token: x.getResponseHeader("Ferry-Delete"), text: x.responseText });
    x.open("PUT", put);
    x.setRequestHeader("Content-Type", "application/octet-stream");
    x.send(bytes);
  });
  const bearer = { Authorization: "Bearer " + seen.put.token };
  const names = ["Content-Length", "Content-Range", "ETag", "Accept-Ranges", "Content-Disposition", "Cache-Control", "Last-Modified"];

  const part = await fetch(get, { headers: { Range: "bytes=250-259" } });
  seen.part = await about(part, names);
  seen.part.bytes = [...new Uint8Array(await part.arrayBuffer())];
  const whole = await fetch(get, { cache: "no-store" });
  seen.whole = await about(whole, names);
  seen.whole.equal = new Uint8Array(await whole.arrayBuffer()).every((b, i) => b === bytes[i]);
  const tag = whole.headers.get("ETag");
  seen.head = await about(await fetch(get, { method: "HEAD" }), names);
  seen.same = await about(await fetch(get, { cache: "no-store", headers: { "If-None-Match": tag } }), names);
  seen.resumed = await about(await fetch(get, { cache: "no-store", headers: { Range: "bytes=299999-", "If-Range": tag } }), names);
  seen.beyond = await about(await fetch(get, { cache: "no-store", headers: { Range: "bytes=300000-" } }), names);
  seen.credentials = await fetch(get, { credentials: "include", cache: "no-store" }).then((r) => r.status, (e) => e.name);

  const form = new URLSearchParams({ expires: "1d" });
  const kept = await fetch(get, { method: "POST", headers: bearer, body: form });
  seen.expires = { status: kept.status, json: await kept.json() };
  seen.denied = await about(await fetch(get, { method: "DELETE", headers: { Authorization: "Bearer wrong" } }), []);
  seen.removed = await about(await fetch(get, { method: "DELETE", headers: bearer }), []);
  seen.gone = await about(await fetch(get, { cache: "no-store" }), ["Content-Type"]);
  return seen;
}

(async () => {
  const page = "<!doctype html><title>elsewhere</title>";
  const server = http.createServer((_, res) => res.setHeader("Content-Type", "text/html").end(page));
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--no-proxy-server", "--disable-gpu"] });
  try {
    const tab = await browser.newPage();
    const said = [];
    tab.on("pageerror", (e) => said.push(String(e)));
    await tab.goto(`http://127.0.0.1:${server.address().port}/`);
    const seen = await tab.evaluate(story, { put, get });
    console.log(JSON.stringify({ origin: await tab.evaluate(() => location.origin), said, ...seen }));
  } finally {
    await browser.close();
    server.close();
  }
})().catch((e) => {
  console.error(e);
  process.exit(1);
});
