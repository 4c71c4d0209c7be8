// SPDX-License-Identifier: Apache-2.0
/** Programs at a terminal: what their screens show natively and in the sandbox, key by key. */
@NullMarked
package dev.jvisor.conformance.terminal;

import org.jspecify.annotations.NullMarked;
