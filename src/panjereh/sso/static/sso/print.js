// A button that prints the page; what stands around it is shown only where it can work.

for (const button of document.querySelectorAll("button[data-print]")) {
  button.parentElement.hidden = false;
  button.addEventListener("click", () => window.print());
}
