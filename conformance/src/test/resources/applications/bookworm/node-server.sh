# node: an HTTP server on 127.0.0.1 under load from many connections of the same program.
cd /tmp
node -e '
const http = require("http");
let served = 0;
const server = http.createServer((request, response) => {
  served++;
  let n = 0;
  request.on("data", d => n += d.length).on("end", () => response.end(`${request.url} ${n}`));
});
server.listen(0, "127.0.0.1", async () => {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 20 });
  const ask = i => new Promise((done, fail) => {
    const request = http.request({ port: server.address().port, host: "127.0.0.1", agent,
        method: "POST", path: `/${i}` }, response => {
      let text = ""; response.on("data", d => text += d).on("end", () => done(text));
    }).on("error", fail);
    request.end("x".repeat(i * 100));
  });
  const answers = await Promise.all(Array.from({ length: 500 }, (_, i) => ask(i)));
  console.log(answers.filter((a, i) => a === `/${i} ${i * 100}`).length, served);
  agent.destroy(); server.close();
});'
