// A session may end while somebody writes: it expires, or the person signs out or changes the password elsewhere. The
// page then stays as it is, with all that was typed, and asks the person to sign in, here or in another tab. What was
// being sent is not sent again by itself: the person presses the button once more.
(() => {
  const box = document.getElementById("session-ended");
  const said = box.querySelector("[data-said]");
  const place = box.querySelector("[data-sign-in]");
  const { check, user } = box.dataset;
  const tabs = new BroadcastChannel("session");
  const FROM_SCRIPT = { "HX-Request": "true" };
  const SHOWN_MS = 15000;

  const say = (name, form = "") => {
    said.textContent = box.dataset[name];
    place.innerHTML = form;
    const email = place.querySelector("[name=email]");
    if (email && !email.value) email.value = box.dataset.email;
    box.hidden = false;
  };

  const sayEnded = (form) => box.hidden || !place.innerHTML ? say("ended", form) : null;

  const renew = (token) => {
    document.querySelectorAll("input[name=csrf_token]").forEach((input) => (input.value = token));
    document.body.setAttribute("hx-headers:inherited", JSON.stringify({ "X-CSRFToken": token }));
    if (box.hidden || !place.innerHTML) return;
    say("renewed");
    setTimeout(() => (box.hidden = box.hidden || !place.innerHTML), SHOWN_MS);
    document.dispatchEvent(new CustomEvent("session:renewed"));
  };

  // Whether the one who opened this page is still signed in; else the page says so.
  const isOpen = async () => {
    try {
      const visit = await (await fetch(check, { headers: FROM_SCRIPT })).json();
      if (visit.is_open) renew(visit.token);
      else say("ended", visit.form);
      return visit.is_open;
    } catch {
      say("away");
      return false;
    }
  };

  const send = (form, button) => {
    for (const name of ["action", "method", "enctype", "target"]) {
      if (button?.hasAttribute(`form${name}`)) form.setAttribute(name, button.getAttribute(`form${name}`));
    }
    const pressed = document.createElement("input");
    if (button?.name) form.append(Object.assign(pressed, { type: "hidden", name: button.name, value: button.value }));
    HTMLFormElement.prototype.submit.call(form);
    pressed.remove();
  };

  const asked = new WeakSet();
  document.addEventListener("submit", async (submit) => {
    const { target: form, submitter: button } = submit;
    const method = button?.getAttribute("formmethod") ?? form.getAttribute("method") ?? "get";
    const isKept = method.toLowerCase() === "post" && !("needsNoSession" in form.dataset);
    if (submit.defaultPrevented || !isKept) return;
    submit.preventDefault();
    if (asked.has(form)) return;
    asked.add(form);
    if (await isOpen()) {
      send(form, button);
    } else {
      form.querySelector("[role=status].busy")?.remove();
      [...place.querySelectorAll("[name=email], [name=password]")].find((input) => !input.value)?.focus();
    }
    asked.delete(form);
  });

  document.addEventListener("htmx:before:response", (event) => {
    const { response } = event.detail.ctx;
    if (response.status !== 401) return;
    event.preventDefault();
    response.raw.text().then(sayEnded);
  });

  document.addEventListener("session:ended", ({ detail }) => sayEnded(detail));

  box.addEventListener("submit", async (submit) => {
    submit.preventDefault();
    const form = submit.target;
    try {
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: FROM_SCRIPT });
      if (answer.status === 422) place.innerHTML = await answer.text();
      else if (!answer.ok) form.querySelector("[data-problem]").innerHTML = await answer.text();
      else if (await isOpen()) tell();
    } catch {
      said.textContent = box.dataset.away;
    }
  });

  const tell = () => tabs.postMessage({ user, token: document.querySelector("input[name=csrf_token]").value });
  tabs.onmessage = ({ data }) => data.user === user && renew(data.token);
  tell();
})();
