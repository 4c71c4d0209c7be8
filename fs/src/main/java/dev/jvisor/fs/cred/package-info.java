// SPDX-License-Identifier: Apache-2.0
/** Who is asking: user and group ids, capabilities. */
@NullMarked
package dev.jvisor.fs.cred;

import org.jspecify.annotations.NullMarked;
