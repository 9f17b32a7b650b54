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
