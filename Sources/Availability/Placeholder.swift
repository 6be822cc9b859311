enum AvailabilityPlaceholder {}
