// The browser's title says how far the page's campaign has come: "42 % · name". What the page itself is about comes
// before what the navigation shows.
(() => {
  const name = document.title;
  const tell = () => {
    const shown = document.querySelector("main [data-progress]") ?? document.querySelector("[data-progress]");
    document.title = shown ? `${shown.dataset.progress} · ${name}` : name;
  };
  document.addEventListener("htmx:after:swap", tell);
  tell();
})();
