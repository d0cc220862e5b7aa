// The reasons that cinta gives, for people. Kinds of events that end an observation, by language, and the texts of the
// feed's state in Spanish; what is not here is shown as it was sent.

export const GAP_REASONS = {
  en: {
    unseen: "no data received yet", overdue: "no answer in time", stopped: "cinta was stopped", killed: "cinta was killed, or the machine lost power",
    clock_jumped: "the machine slept, or its clock was set", instruments_changed: "other instruments were recorded", stale: "the stream was silent",
    stream_closed: "the stream ended", stream_refused: "the broker refused the stream", malformed: "an unreadable message",
    divergence: "the stream was behind", outdated: "the stream sent old data", broker_down: "the broker did not answer",
    page: "a web page instead of data", mass_refusal: "the broker refused most requests", rate_limited: "the broker asked for fewer requests",
    poll_failed: "no complete answer", auth: "the token was refused", unknown_symbol: "the broker does not know it", no_data: "the broker has no data of it",
    server: "an error of the broker's server", access: "the broker denied access", bad_path: "the broker does not know the address",
    bad_request: "the broker rejected the request", other: "the broker refused the request",
  },
  es: {
    unseen: "todavía sin datos", overdue: "sin respuesta a tiempo", stopped: "cinta estaba detenido", killed: "cinta terminó de golpe, o se cortó la energía",
    clock_jumped: "la máquina se suspendió, o se cambió la hora", instruments_changed: "se registraban otros instrumentos", stale: "el stream no enviaba datos",
    stream_closed: "el stream terminó", stream_refused: "el broker rechazó el stream", malformed: "un mensaje ilegible",
    divergence: "el stream estaba atrasado", outdated: "el stream enviaba datos viejos", broker_down: "el broker no respondía",
    page: "una página web en lugar de datos", mass_refusal: "el broker rechazó casi todos los pedidos", rate_limited: "el broker pidió menos consultas",
    poll_failed: "sin respuesta completa", auth: "el token fue rechazado", unknown_symbol: "el broker no lo conoce", no_data: "el broker no tiene datos",
    server: "un error del servidor del broker", access: "el broker negó el acceso", bad_path: "el broker no conoce la dirección",
    bad_request: "el broker rechazó el pedido", other: "el broker rechazó el pedido",
  },
};

const FEED_REASONS_ES = {
  "the list of instruments is not known yet": "todavía no se conoce la lista de instrumentos",
  "the login failed": "falló el login", "the broker refused the login": "el broker rechazó el login",
  "a fresh token was not accepted": "un token nuevo no fue aceptado", "no token": "sin token", "a token is available": "hay un token",
  "trying to connect the stream": "conectando el stream", "connected, waiting for the first data": "conectado, a la espera de los primeros datos",
  "the stream delivers data": "el stream entrega datos", "the stream delivers data again": "el stream entrega datos otra vez",
  "the broker refused the stream": "el broker rechazó el stream", "the stream could not be connected": "el stream no se pudo conectar",
  "the stream ended": "el stream terminó", "connected, but no data was received": "conectado, pero no llegaron datos",
  "no data during session hours": "sin datos en horario de rueda", "no data after subscribing again": "sin datos después de suscribirse otra vez",
  "REST has newer values than the stream": "REST tiene valores más nuevos que el stream", "no connection": "sin conexión",
  "this stream is not needed now": "este stream no hace falta ahora",
  "the connection is old": "la conexión es vieja", "it will be replaced": "será reemplazada",
};

/** "the stream ended: words of the broker": the part before each colon is translated where it is known. */
export function feedReason(language, reason) {
  if (language !== "es") return reason;
  return reason.split(": ").map((part) => FEED_REASONS_ES[part] ?? part).join(": ");
}
