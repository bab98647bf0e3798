// One upload by tus-js-client into a slot's URL (core protocol, no creation). Events are lines of JSON on standard output.
//   node tus_upload.js URL FILE [--chunk BYTES] [--stop-after BYTES] [--pause-after BYTES] [--draft]
// --draft: speaks the IETF draft, as far as the client knows it, instead of tus 1.0.
// --stop-after: aborts when so much was answered, and ends. --pause-after: waits there for a line on standard input.
const fs = require("fs");
const readline = require("readline");
const tus = require("tus-js-client");

const [url, path] = process.argv.slice(2);
const option = (name) => (process.argv.includes(name) ? Number(process.argv[process.argv.indexOf(name) + 1]) : Infinity);
const tell = (event, facts = {}) => console.log(JSON.stringify({ event, ...facts }));
const stopAfter = option("--stop-after");
let pauseAfter = option("--pause-after");
let heard = false;

// Of a stream the client does not know which part is the last, and never says so in the draft's words.
const draft = process.argv.includes("--draft");
const upload = new tus.Upload(draft ? fs.readFileSync(path) : fs.createReadStream(path), {
  uploadUrl: url,
  protocol: draft ? "ietf-draft-05" : "tus-v1",
  uploadSize: fs.statSync(path).size,
  chunkSize: Math.min(option("--chunk"), 1 << 30),
  retryDelays: [100, 200, 500, 1000, 2000],
  onAfterResponse(req, res) {
    if (req.getMethod() === "HEAD" && !heard) {
      heard = true;
      tell("resumed", { offset: Number(res.getHeader("Upload-Offset")) });
    }
  },
  onChunkComplete(size, offset) {
    if (offset >= stopAfter) upload.abort().then(() => (tell("stopped", { offset }), process.exit(0)));
    if (offset >= pauseAfter) {
      pauseAfter = Infinity;
      upload.abort().then(() => tell("paused", { offset }));
      readline.createInterface({ input: process.stdin }).once("line", () => upload.start());
    }
  },
  onError(error) {
    tell("error", { text: String(error) });
    process.exit(1);
  },
  onSuccess({ lastResponse }) {
    tell("success", { location: lastResponse.getHeader("Location") });
    process.exit(0);
  },
});
upload.start();
