// SPDX-License-Identifier: Apache-2.0
/** The OCI runtime: entry point. */
@NullMarked
package dev.jvisor.runsc;

import org.jspecify.annotations.NullMarked;
