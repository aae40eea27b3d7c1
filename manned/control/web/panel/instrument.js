// The connection of this page. It opens while the other modules are still on their way.

import { Link } from "./link.js";

export const link = new Link();
