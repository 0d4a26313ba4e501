import "./app.css";
import "./lib/htmx";
import "./lib/stale";
import "./lib/time-zone";
import "./lib/menus";
import "./keys/shortcuts";
import "./lib/fold";
import "./lib/errors";
import "./lib/ticked";
import "./lib/drop";
import "./lib/notice";
import "./inspect/intake";
import "./inspect/station";
import "./inspect/show-rows";
import "./viewer/viewer";
import "./samples/form";
import "./limits/page";

document.documentElement.dataset["scripts"] = "";
