/* Says in words that a passkey could not be used; the ceremony itself is the sign-in library's (mfa/js/webauthn.js). */
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const notice = document.getElementById("passkey-failed");
  if (notice) {
    notice.hidden = false;
    notice.focus();
  }
});
