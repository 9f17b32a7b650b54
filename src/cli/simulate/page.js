const box = document.getElementById("filter");
if (box) {
  box.hidden = false;
  box.addEventListener("input", () => {
    const words = box.value.trim().toLowerCase();
    for (const client of document.querySelectorAll("details.client")) {
      client.hidden = !client.dataset.words.includes(words);
    }
  });
}
// A drawing that is wider than the screen begins where its funnel begins.
for (const drawing of document.querySelectorAll(".drawing")) {
  const first = drawing.querySelector(".event");
  if (first && drawing.scrollWidth > drawing.clientWidth) {
    const box = first.getBoundingClientRect();
    const frame = drawing.getBoundingClientRect();
    drawing.scrollLeft += box.left + box.width / 2 - frame.left - frame.width / 2;
  }
}
