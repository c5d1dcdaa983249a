// Keeps what has `data-stream` up to date: the address of a stream whose every event is the whole content. Pages that
// nobody sees pause; `data-stream-whole` marks a stream that is followed to its end, since it would begin again.
(() => {
  const script = document.currentScript;
  const followed = new Map();
  let port = null;

  const connected = () => {
    port ??= window.SharedWorker ? new SharedWorker(script.dataset.worker).port : new Worker(script.dataset.worker);
    port.onmessage = ({ data }) => hear(data);
    return port;
  };

  const targets = (address) => document.querySelectorAll(`[data-stream="${CSS.escape(address)}"]`);

  const wanted = () => {
    const shown = document.hidden ? "[data-stream][data-stream-whole]" : "[data-stream]";
    const lineOf = ({ dataset }) => ("streamWhole" in dataset ? "whole" : "turns");
    return new Map([...document.querySelectorAll(shown)].map((each) => [each.dataset.stream, lineOf(each)]));
  };

  const leave = (address) => {
    followed.delete(address);
    connected().postMessage({ leave: address });
  };

  // Follow what the page shows now, and nothing else.
  const look = () => {
    const now = wanted();
    [...followed.keys()].filter((address) => !now.has(address)).forEach(leave);
    for (const [address, line] of now) {
      if (followed.has(address)) continue;
      followed.set(address, line);
      connected().postMessage({ follow: address, line });
    }
  };

  // One after another: a swap takes its time, and the end must not come before the text.
  let heard = Promise.resolve();
  const hear = (news) => (heard = heard.then(() => tell(news)).catch(console.error));

  const tell = ({ address, event, refused, delayed, text }) => {
    if (!followed.has(address)) return;
    if (refused) followed.delete(address);
    const told = [...targets(address)].map((target) => {
      sayWhyNoNews(target, delayed);
      if (refused) return refuse(target, refused, text);
      if (event) return show(target, event);
    });
    return Promise.all(told);
  };

  // Why the server gives no stream for a while, above what the page shows; nothing once it does again.
  const sayWhyNoNews = (target, text) => {
    const said = target.previousElementSibling?.matches("[data-stream-delay]") ? target.previousElementSibling : null;
    if (!text) said?.remove();
    else if (!said) target.insertAdjacentHTML("beforebegin", `<div data-stream-delay role="status">${text}</div>`);
  };

  const show = async (target, { name, data }) => {
    if (name === "done") end(target);
    else if (!name && target.hasAttribute("aria-busy")) target.setAttribute("aria-busy", "true");
    if (name) htmx.trigger(target, name, { data });
    else await htmx.swap({ sourceElement: target, target, swap: "innerMorph swapEmpty:false", text: data });
  };

  const end = (target) => {
    target.removeAttribute("aria-busy");
    target.removeAttribute("data-stream");
  };

  // After the end of a session the stream is taken up again when the person has signed in.
  const refuse = (target, status, text) => {
    if (target.hasAttribute("aria-busy")) target.setAttribute("aria-busy", "false");
    if (status === 401) return document.dispatchEvent(new CustomEvent("session:ended", { detail: text }));
    end(target);
    return htmx.swap({ sourceElement: target, target, swap: "innerHTML", text });
  };

  document.addEventListener("htmx:after:swap", look);
  document.addEventListener("session:renewed", look);
  document.addEventListener("visibilitychange", look);
  window.addEventListener("pageshow", look);
  window.addEventListener("pagehide", () => [...followed.keys()].forEach(leave));
})();
