// Draws the contract. No inline script: the page runs under `default-src 'self'`.
"use strict";

const token = document.getElementById("token");

window.SwaggerUIBundle({
  url: "/api/v1/openapi.json",
  domNode: document.getElementById("contract"),
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  validatorUrl: null,
  // The token stays in this field: it is bought with a signed assertion, which no page can make.
  requestInterceptor(request) {
    const held = token.value.trim();
    if (held && new URL(request.url, location.href).origin === location.origin) {
      request.headers.Authorization = `Bearer ${held}`;
    }
    return request;
  },
});
