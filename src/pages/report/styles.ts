/** Colours only from the theme. */
export const styles = `
body { font-family: var(--vscode-font-family); font-size: var(--vscode-font-size); color: var(--vscode-foreground); padding: 0 24px 32px; line-height: 1.5; }
main { max-width: 1000px; }
h1 { font-weight: 400; font-size: 1.8em; margin: 20px 0 4px; }
h2 { font-weight: 600; font-size: 1.2em; margin: 28px 0 8px; }
h3 { font-weight: 600; font-size: 1em; margin: 16px 0 4px; }
p { margin: 4px 0; }
.quiet, caption { color: var(--vscode-descriptionForeground); }
.actions { display: flex; gap: 8px; flex-wrap: wrap; margin: 12px 0; }
button { font: inherit; border: 1px solid var(--vscode-button-border, transparent); border-radius: 2px; padding: 4px 12px; cursor: pointer; color: var(--vscode-button-secondaryForeground); background: var(--vscode-button-secondaryBackground); }
button:hover { background: var(--vscode-button-secondaryHoverBackground); }
button.first { color: var(--vscode-button-foreground); background: var(--vscode-button-background); }
button.first:hover { background: var(--vscode-button-hoverBackground); }
button.link { border: 0; padding: 0; background: none; color: var(--vscode-textLink-foreground); text-align: left; }
button.link:hover { color: var(--vscode-textLink-activeForeground); text-decoration: underline; }
button:focus-visible, summary:focus-visible, div.scroll:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 2px; }
.tiles { display: flex; flex-wrap: wrap; gap: 12px; padding: 0; margin: 12px 0; list-style: none; }
.tiles li { min-width: 110px; padding: 8px 14px; border: 1px solid var(--vscode-contrastBorder, var(--vscode-widget-border, var(--vscode-panel-border))); border-radius: 4px; }
.tiles strong { display: block; font-size: 1.5em; font-weight: 400; font-variant-numeric: tabular-nums; }
.notice { border-left: 3px solid var(--vscode-editorWarning-foreground); padding: 4px 12px; margin: 12px 0; }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(300px, 1fr)); gap: 0 32px; }
table { border-collapse: collapse; width: 100%; margin: 4px 0 8px; }
caption { text-align: left; padding: 2px 0 6px; }
th, td { text-align: right; padding: 3px 8px; border-bottom: 1px solid var(--vscode-contrastBorder, var(--vscode-panel-border)); font-weight: 400; font-variant-numeric: tabular-nums; vertical-align: top; white-space: nowrap; }
th:first-child, td:first-child, .text { text-align: left; white-space: normal; overflow-wrap: anywhere; }
.findings th:last-child, .findings td:last-child { text-align: left; }
thead th { color: var(--vscode-descriptionForeground); }
.scroll { overflow-x: auto; }
svg { width: 90px; height: 10px; background: var(--vscode-editorWidget-background); border: 1px solid var(--vscode-contrastBorder, transparent); vertical-align: middle; }
rect { fill: var(--vscode-charts-blue, var(--vscode-textLink-foreground)); }
.error { color: var(--vscode-errorForeground); }
.warning { color: var(--vscode-editorWarning-foreground); }
.places { display: flex; flex-wrap: wrap; gap: 2px 14px; }
progress { width: 100%; height: 6px; accent-color: var(--vscode-progressBar-background); }
`;
