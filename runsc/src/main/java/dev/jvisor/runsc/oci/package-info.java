// SPDX-License-Identifier: Apache-2.0
/** OCI bundles: config.json read into what the boot needs, and the default one written. */
@NullMarked
package dev.jvisor.runsc.oci;

import org.jspecify.annotations.NullMarked;
