// The button does something once allauth's scripts are there, which load with this one and listen for the same event.
document.addEventListener("DOMContentLoaded", () => {
  document.getElementById("passkey").disabled = false;
});

// allauth's script reports what the browser refused; the page says it in words.
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  document.getElementById("passkey-error").hidden = false;
});
