// Leads the two ports of the web to those of the proxy on this computer. The scanner itself is not changed.
import net from "node:net";

const ports = { 80: process.env.HTTP_PORT, 443: process.env.HTTPS_PORT };
const connect = net.Socket.prototype.connect;

net.Socket.prototype.connect = function (...args) {
  const options = Array.isArray(args[0]) ? args[0][0] : args[0];
  if (options && options.host === "localhost" && options.port in ports) {
    Object.assign(options, { port: Number(ports[options.port]), host: "127.0.0.1" });
  }
  return connect.apply(this, args);
};
