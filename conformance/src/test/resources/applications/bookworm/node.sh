# node: files, child processes, worker threads, timers, streams.
cd /tmp
node -e '
const fs = require("fs"), cp = require("child_process");
const { Worker } = require("worker_threads");
fs.writeFileSync("file", "hey\n".repeat(1000));
console.log(fs.readFileSync("file", "utf8").length, fs.statSync("file").size);
console.log(cp.execSync("echo child; pwd").toString());
console.log(cp.spawnSync("sh", ["-c", "echo err >&2; exit 3"]).status);
const work = n => new Promise(done => new Worker(
    `const { parentPort, workerData } = require("worker_threads");
     let s = 0; for (let i = 0; i < 1e6; i++) s += i % workerData; parentPort.postMessage(s);`,
    { eval: true, workerData: n }).on("message", done));
(async () => {
  console.log(await Promise.all([2, 3, 5].map(work)));
  const child = cp.spawn("cat"); let text = "";
  child.stdout.on("data", d => text += d);
  child.stdin.end("through cat\n");
  await new Promise(done => child.on("close", done));
  console.log(text);
  await new Promise(done => fs.createReadStream("file").pipe(fs.createWriteStream("copy"))
      .on("finish", done));
  console.log(fs.readFileSync("copy").equals(fs.readFileSync("file")));
  setTimeout(() => console.log("timer"), 20);
})();'
