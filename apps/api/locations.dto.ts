import { LOCATION_KINDS } from '../../libs/domain';
import { Id, MAX_LOCATION_CODE, MAX_SKU, OneOf, QueryFlag, Text, TimeZone } from './fields';
import { CommandBody } from './items.dto';
import { PageQuery } from './page-query';

export class UpdateLocationBody extends CommandBody {
  @Text(200, { min: 1, example: 'Main warehouse' })
  name?: string;

  @OneOf(LOCATION_KINDS)
  kind?: (typeof LOCATION_KINDS)[number];

  @Id(MAX_LOCATION_CODE, { nullable: true, description: 'The location this one is part of.' })
  parent?: string | null;

  @TimeZone({ example: 'Europe/Vienna', description: 'Default UTC; expiry is judged by it.' })
  timeZone?: string;
}

export class RegisterLocationBody extends UpdateLocationBody {
  @Id(MAX_LOCATION_CODE, { required: true, example: 'SHOP-1' })
  code!: string;
}

export const LOCATION_SORTS = ['code', '-code', 'name', '-name'] as const;

export class LocationsQuery extends PageQuery {
  @Text(100, { description: 'Part of the code or of the name, in any case.' })
  q?: string;

  @OneOf(LOCATION_KINDS)
  kind?: (typeof LOCATION_KINDS)[number];

  @Id(MAX_LOCATION_CODE)
  parent?: string;

  @QueryFlag()
  active?: boolean;

  @OneOf(LOCATION_SORTS, { change: (value) => value })
  sort?: (typeof LOCATION_SORTS)[number];
}

export class LevelsQuery extends PageQuery {
  @Id(MAX_SKU)
  sku?: string;

  @Id(MAX_LOCATION_CODE)
  location?: string;

  @Id(MAX_SKU)
  lotCode?: string;

  @QueryFlag({
    description: 'true: only where something is on hand; false: only where nothing is.',
  })
  inStock?: boolean;
}
