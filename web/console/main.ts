// Starts the console.

import { mount } from "svelte";
import "../shared/tokens.css";
import "./console.css";
import App from "./App.svelte";

mount(App, { target: document.getElementById("console")! });
