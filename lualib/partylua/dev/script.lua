--- script: what a page runs that is to hear of changes; nothing of it needs the network.

return [[
// Reloads this page when static files change, and shows why the app does not load.
(() => {
  if (window.__partylua) return;
  window.__partylua = true;
  let overlay = null, isHeard = false, hadFault = document.title === "The app does not load";

  function hide() {
    if (overlay) overlay.remove();
    overlay = null;
  }

  function show(text) {
    hide();
    overlay = document.createElement("partylua-fault");
    const root = overlay.attachShadow({ mode: "open" });
    root.innerHTML = `<style>
      :host { position: fixed; inset: 0; z-index: 2147483647; overflow: auto;
        background: rgba(20, 18, 24, .94); color: #f3eef8; padding: 2rem;
        font: 14px/1.5 ui-monospace, monospace; }
      h1 { font-size: 1rem; color: #ff8f8f; } pre { white-space: pre-wrap; }
      button { float: right; font: inherit; }
    </style><button>close</button><h1>The app does not load; the old code runs on</h1><pre></pre>`;
    root.querySelector("pre").textContent = text;
    root.querySelector("button").onclick = hide;
    document.documentElement.append(overlay);
  }

  const events = new EventSource("/__partylua/events");
  events.addEventListener("fault", (event) => {
    if (event.data) show(event.data);
    else if (hadFault) location.reload();
    else hide();
  });
  events.addEventListener("change", () => location.reload());
  // A server that was started again may have other pages.
  events.onopen = () => {
    if (isHeard) location.reload();
    isHeard = true;
  };
})();
]]
