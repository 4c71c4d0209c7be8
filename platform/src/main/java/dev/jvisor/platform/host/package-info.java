// SPDX-License-Identifier: Apache-2.0
/**
 * Host system calls, typed. The one package that binds native functions; see the decision record on
 * the binding (jnr-ffi and java.lang.foreign).
 */
@NullMarked
package dev.jvisor.platform.host;

import org.jspecify.annotations.NullMarked;
