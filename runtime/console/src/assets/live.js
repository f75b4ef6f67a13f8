// One stream of events for all tabs: a browser opens six connections to a host at most, and a stream for each tab
// would use them up. Runs as a shared worker; each tab is a port.
"use strict";

const ports = new Set();
let source = null;
let last = null;

function tell(message) {
  last = message;
  for (const port of ports) port.postMessage(message);
}

function open() {
  if (source) return;
  source = new EventSource("/console/events");
  source.addEventListener("changed", (event) => tell({ kind: "changed", ...JSON.parse(event.data) }));
  source.addEventListener("same", (event) => tell({ kind: "same", ...JSON.parse(event.data) }));
  source.addEventListener("gone", () => {
    close();
    tell({ kind: "gone" });
  });
  source.onerror = () => {
    tell({ kind: "lost" });
    // A refusal is final for an EventSource; a server that restarts is not.
    if (source && source.readyState === EventSource.CLOSED) {
      close();
      setTimeout(() => ports.size && open(), 5000);
    }
  };
}

function close() {
  if (source) source.close();
  source = null;
}

onconnect = (event) => {
  const port = event.ports[0];
  ports.add(port);
  port.onmessage = (message) => {
    if (message.data === "bye") ports.delete(port);
    if (!ports.size) close();
  };
  if (last && last.kind !== "gone") port.postMessage({ ...last, kind: last.kind === "lost" ? "lost" : "same" });
  open();
};
