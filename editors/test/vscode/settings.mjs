// The settings of a user who wants nothing but the funnels, with a colour for each class of tokens in one theme.
import { classes } from "./classes.mjs";

const rules = Object.values(classes).map(([foreground, scope]) => ({ scope, settings: { foreground } }));
const settings = {
  "chat.disableAIFeatures": true,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.startupEditor": "none",
  "workbench.colorTheme": "Default Dark Modern",
  "workbench.editor.enablePreview": false,
  "security.workspace.trust.enabled": false,
  "telemetry.telemetryLevel": "off",
  "extensions.autoCheckUpdates": false,
  "update.mode": "none",
  "editor.minimap.enabled": false,
  "editor.hover.delay": 100,
  "editor.tokenColorCustomizations": { "[Default High Contrast]": { textMateRules: rules } },
};
console.log(JSON.stringify(settings, null, 2));
