// SPDX-License-Identifier: Apache-2.0
/** Real programs in real root file systems: same output in the sandbox as natively. */
@NullMarked
package dev.jvisor.conformance.applications;

import org.jspecify.annotations.NullMarked;
