// The browser's title says how far the page's campaign has come: "42 % · name". What the page itself is about comes
// before what the navigation shows, unless nobody sees it: then its stream pauses.
(() => {
  const name = document.title;
  const tell = () => {
    const [first, second] = document.hidden ? ["#running", "main"] : ["main", "#running"];
    const shown = document.querySelector(`${first} [data-progress]`) ?? document.querySelector(`${second} [data-progress]`);
    document.title = shown ? `${shown.dataset.progress} · ${name}` : name;
  };
  document.addEventListener("htmx:after:swap", tell);
  tell();
})();
