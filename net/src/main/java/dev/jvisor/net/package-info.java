// SPDX-License-Identifier: Apache-2.0
/** The network of a sandbox: which address families there are. */
@NullMarked
package dev.jvisor.net;

import org.jspecify.annotations.NullMarked;
