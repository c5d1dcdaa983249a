// The live pages of a browser follow their streams here, in a worker that they share. A browser opens six connections
// to a host over HTTP/1.1: with a stream for each page the seventh page would not load. Here the streams of all pages
// take turns on one connection, which a stream may leave at any moment, since each of its events is the whole fragment.
// A stream that would begin its work again after an interruption is kept to its end, on a second connection.
(() => {
  const TURN_MS = 700;
  const LONGEST_TURN_MS = 4000;
  const FIRST_PAUSE_MS = 500;
  const LONGEST_PAUSE_MS = 15000;

  // The events of a body in the wire format of server-sent events.
  async function* eventsOf(body) {
    let rest = "";
    for await (const piece of textOf(body)) {
      const blocks = (rest + piece).split("\n\n");
      rest = blocks.pop();
      yield* blocks.map(eventOf).filter(Boolean);
    }
  }

  // Safari iterates over no stream.
  async function* textOf(body) {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value;
  }

  const eventOf = (block) => {
    const event = { name: "", data: [] };
    for (const line of block.split("\n")) {
      if (line.startsWith("event: ")) event.name = line.slice(7);
      if (line.startsWith("data: ")) event.data.push(line.slice(6));
    }
    return event.data.length ? { name: event.name, data: event.data.join("\n") } : null;
  };

  const wait = (milliseconds) => new Promise((go) => setTimeout(go, milliseconds));

  // Streams that are read one after another, round and round: `followed` is the queue, by address.
  class Line {
    followed = new Map();
    isRead = false;

    constructor(isInterrupted) {
      this.isInterrupted = isInterrupted;
    }

    follow(port, address) {
      const stream = this.followed.get(address) ?? { ports: new Set(), newest: null, turn: null };
      this.followed.set(address, stream);
      stream.ports.add(port);
      if (stream.newest) port.postMessage({ address, event: stream.newest });
      this.read();
    }

    leave(port, address) {
      const stream = this.followed.get(address);
      if (stream?.ports.delete(port) && !stream.ports.size) this.end(address);
    }

    end(address) {
      const stream = this.followed.get(address);
      this.followed.delete(address);
      stream?.turn?.abort();
    }

    tell(address, news) {
      for (const port of this.followed.get(address)?.ports ?? []) port.postMessage({ address, ...news });
    }

    async read() {
      if (this.isRead) return;
      this.isRead = true;
      let pause = FIRST_PAUSE_MS;
      while (this.followed.size) {
        const [address, stream] = this.followed.entries().next().value;
        this.followed.delete(address);
        this.followed.set(address, stream);
        if (await this.takeTurn(address, stream)) {
          pause = FIRST_PAUSE_MS;
        } else {
          await wait(pause);
          pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
        }
      }
      this.isRead = false;
    }

    // Whether the server answered.
    async takeTurn(address, stream) {
      const turn = (stream.turn = new AbortController());
      const began = Date.now();
      let hasSaid = false;
      const clock = setInterval(() => {
        const isOver = hasSaid || Date.now() - began > LONGEST_TURN_MS;
        if (this.isInterrupted && this.followed.size > 1 && isOver) turn.abort();
      }, TURN_MS);
      try {
        const answer = await fetch(address, { headers: { "HX-Request": "true" }, signal: turn.signal });
        if (answer.headers.has("Retry-After")) {
          this.tell(address, { delayed: await answer.text() });
          return false;
        }
        if (answer.status >= 400 && answer.status < 500) {
          this.tell(address, { refused: answer.status, text: await answer.text() });
          this.end(address);
        }
        if (!answer.ok) return answer.status < 500;
        for await (const event of eventsOf(answer.body)) {
          hasSaid = true;
          if (!event.name) stream.newest = event;
          this.tell(address, { event });
          if (event.name === "done") this.end(address);
        }
        return hasSaid;
      } catch {
        return turn.signal.aborted;
      } finally {
        clearInterval(clock);
      }
    }
  }

  const lines = { turns: new Line(true), whole: new Line(false) };

  const serve = (port) => {
    const followed = new Map();
    const leave = (address) => {
      followed.get(address)?.leave(port, address);
      followed.delete(address);
    };
    port.onmessage = ({ data }) => {
      if (data.leave) return leave(data.leave);
      followed.set(data.follow, lines[data.line]);
      lines[data.line].follow(port, data.follow);
    };
    port.onclose = () => [...followed.keys()].forEach(leave);
  };

  if ("SharedWorkerGlobalScope" in self) self.onconnect = ({ ports }) => serve(ports[0]);
  else serve(self);
})();
